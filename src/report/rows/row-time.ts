// When a row happened, as far as that is known.
import { earliestOf, isSpread } from '../words/when.ts';
import type { Row } from './row.ts';

/** Whether nothing on the row has a moment: then its time is a bound. */
export const hasNoMoment = ({ events }: Row): boolean => events.length > 0 && events.every(isSpread);

/** The time that stands beside a row. */
export const timeOf = (row: Row): number => (hasNoMoment(row) ? Math.min(...row.events.map(earliestOf)) : row.at);
