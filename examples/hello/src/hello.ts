import { Option, RigCommand, type Services, value } from '@rig/plugin-api';

interface Greeting {
  text: string;
}

/** `rig hello [NAME]`: greets somebody, with the word from the setting `hello.greeting`. */
export class Hello extends RigCommand<Greeting> {
  static override paths = [['hello']];
  static override usage = RigCommand.Usage({
    description: 'Greet somebody',
    examples: [['Greet the world', '$0 hello world']],
  });
  static override result = value<Greeting>(({ text }) => [text]);

  who = Option.String({ required: false, name: 'NAME' });

  async run(services: Services): Promise<Greeting> {
    const config = await services.config();
    return { text: `${config.get('hello.greeting')}, ${this.who ?? 'you'}!` };
  }
}
