// What a process knows of a descriptor it inherited from another one.

/** The number the descriptor has in the process that inherits it. */
export const inheritedDescriptor = 3;

/**
 * `target` is what calls on it are addressed to, a name in a node process and a number in a raw one; the rest are
 * settings of the object the parent had on it.
 */
export type Inherited = { target: string | number; [setting: string]: unknown };

/** What this process inherited, if `shareDescriptor` started it. */
export const inherited = (): Inherited | undefined => {
  const { FINWAIT_INHERITED } = process.env;
  return FINWAIT_INHERITED ? JSON.parse(FINWAIT_INHERITED) : undefined;
};
