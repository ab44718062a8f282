// Loaded before the command line of a collector in a container (`node --import`): whatever becomes of the command, even
// when it is not understood, the supervisors notice its end by this socket, and end as well.
import { openToSupervisors } from '../compose.ts';

await openToSupervisors();
