// Where a view's state is: in a widget's model, or in the page alone.
import { DoorWire } from './doorwire';
import type { Source, Wire } from './types';
import type { Model } from './wire';

export function modelSource<State>(model: Model, wire: Wire = new DoorWire(model)): Source<State> {
  return {
    wire,
    get: (name) => model.get(name as string),
    set: (name, value) => {
      model.set(name as string, value);
      model.save_changes();
    },
    onChange: (heard) => model.on('change', heard),
  };
}

export function pageSource<State extends object>(state: State, wire: Wire): Source<State> {
  const heard: (() => void)[] = [];
  return {
    wire,
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      heard.forEach((tell) => tell());
    },
    onChange: (tell) => heard.push(tell),
  };
}
