/**
 * Loaded before a replayed function: whatever it would connect to outside of this machine is refused, so that no replay can touch real
 * AWS or Slack by an address that stands in its event or its environment. JavaScript, as all that a function's process loads.
 */
import { Socket } from 'node:net';

const connect = Socket.prototype.connect;

Socket.prototype.connect = function connectHere(...given) {
  // Node hands its own calls over as one list.
  const [options] = Array.isArray(given[0]) ? given[0] : given;
  const { host, path } = typeof options === 'object' && options !== null ? options : { host: given[1] };
  if (typeof path === 'string' || typeof host !== 'string' || ['localhost', '127.0.0.1', '::1'].includes(host))
    return connect.apply(this, given);
  process.nextTick(() =>
    this.destroy(new Error(`replay connects to this machine only, not to ${host}: say --live to touch the real world`)),
  );
  return this;
};
