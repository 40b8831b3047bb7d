import type { DoorWorld } from '../../src/app/world.ts';
import type { BusEvent } from '../../src/aws/bus.ts';
import type { Catalogue } from '../../src/run/catalogue.ts';
import type { Called } from '../../src/slack/call.ts';

/** A door with nothing behind it: what it hands over, and what it says to Slack, is kept. */
export function aDoor(catalogue: Catalogue, slack: Called = { kind: 'done', viewId: 'V0FORM' }) {
  const handedOver: BusEvent[] = [];
  const said: { readonly method: string; readonly args: object }[] = [];
  const world: DoorWorld = {
    catalogue,
    bus: { put: async (event) => void handedOver.push(event) },
    slack: async (method, args) => {
      said.push({ method, args });
      return slack;
    },
    log: () => {},
  };
  return { handedOver, said, world };
}
