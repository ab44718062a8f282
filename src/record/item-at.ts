/** The item of a list at an index that the code before has made sure of. Throws RangeError where there is none all the same. */
export const itemAt = <T>(list: ArrayLike<T>, index: number): T => {
  const item = list[index];
  if (item === undefined) throw new RangeError(`There is no item ${index} in a list of ${list.length}.`);
  return item;
};
