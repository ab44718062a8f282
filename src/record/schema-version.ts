/** The version of every document finwait writes. It grows when a field changes its meaning or goes away. */
export const schemaVersion = 1;
