// A program of finwait lives for a second: to have zod compile each schema into code of its own takes longer than the
// compiled code saves, even where a run of a hundred connections is read. Each program imports this before all else.
import { z } from 'zod';

z.config({ jitless: true });
