import { drawn, Option, type Outcome, RigCommand, raw, type Services } from '@rig/plugin-api';
import { proxy } from '../../proxy.ts';

/** `rig ssh proxy HOST`. */
export class SshProxyCommand extends RigCommand<undefined> {
  static override paths = [['ssh', 'proxy']];
  static override usage = RigCommand.Usage({
    category: 'SSH',
    description: 'Connect ssh to an app; ssh runs it as its ProxyCommand',
    details:
      'HOST is APP.NETWORK, or web.2.APP.NETWORK for one of its instances, with or without .rig at its end. What ssh says ' +
      'goes from standard input to the SSH server that Max has for that instance, and back to standard output, over the ' +
      'connection and with the sign-in that rig has. A connection that was cut goes on where it stopped, for a minute. rig ' +
      'ssh config writes this command into ~/.ssh/config.',
    examples: [['One connection without any configuration', 'ssh -o ProxyCommand="$0 ssh proxy %h" api.shop']],
  });
  static override result = raw();

  host = Option.String({ required: true, name: 'HOST' });

  async run(services: Services): Promise<Outcome<undefined>> {
    return drawn(await proxy(services, this.host));
  }
}
