/** A page that talks to the WebSocket of its own server. */
export const page = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>WebSocket</title>
  <style>
    body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
    #log { white-space: pre-wrap; border: 1px solid #ccc; padding: 1rem; min-height: 10rem }
  </style>
  <h1>Say something</h1>
  <form><input name="text" autocomplete="off" aria-label="Message" autofocus> <button>Send</button></form>
  <div id="log" role="log"></div>
  <script type="module">
    const log = document.querySelector('#log');
    const socket = new WebSocket(location.href.replace(/^http/, 'ws'));
    const add = (line) => { log.textContent += line + '\\n' };
    socket.onopen = () => add('connected');
    socket.onclose = () => add('closed');
    socket.onmessage = ({ data }) => add(data);
    document.forms[0].onsubmit = (event) => {
      event.preventDefault();
      socket.send(event.target.text.value);
      event.target.reset();
    };
  </script>
</html>
`;
