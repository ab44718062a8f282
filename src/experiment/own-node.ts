/** finwait's own Node, for `spawn`: `server.spawn(ownNode, ['server.mjs'])`. Plain `'node'` is the one on the user's PATH. */
export const ownNode: string = process.execPath;
