// Those who want to be called back, until they say that they do not any more.

export type Listeners<T> = {
  /** Call back with each value until the returned function is called. */
  add(listener: (value: T) => void): () => void;
  tell(value: T): void;
};

export const createListeners = <T>(): Listeners<T> => {
  const listeners = new Set<(value: T) => void>();
  return {
    add: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell: (value) => {
      for (const listener of [...listeners]) listener(value);
    },
  };
};
