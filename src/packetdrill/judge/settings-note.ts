// How the record says that a setting of defaults.sh could not be made: a note that begins so. The judge quotes the rest.

export const notSet = 'defaults.sh could not set ';
