import type { Agent } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Opens the agent's first connection now. A handshake takes longer than most calls: an idle function makes it while it waits for
 * something else, so that nobody waits for it.
 */
export function openAhead(agent: Agent, { hostname, port, protocol }: URL): void {
  const connect = agent.createConnection.bind(agent);
  const defaultPort = protocol === 'http:' ? 80 : 443;
  const place = { host: hostname, port: Number(port || defaultPort), ...(isIP(hostname) === 0 && { servername: hostname }) };
  let ahead: Duplex | null | undefined = connect(place);
  const forget = () => {
    ahead = undefined;
  };
  // Whoever calls first finds that it failed: by the error of a connection of its own.
  ahead?.once('error', forget).once('close', forget);
  agent.createConnection = (options, created) => {
    const opened = ahead ?? connect(options, created);
    forget();
    return opened;
  };
}
