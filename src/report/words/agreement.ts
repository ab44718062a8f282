// Whether repeated runs agree: a finding may be left open now and then, for want of a witness, but never be decided in two ways.
import type { Result } from '../../verdict/schema.ts';

/**
 * The findings that got two different verdicts, `A2 of listen-before-accept`. Inconclusive is no verdict, nor is not
 * applicable.
 */
export const contradicted = (results: readonly Result[]): string[] => {
  const decided = new Map<string, Set<string>>();
  for (const { experiment, findings } of results) {
    for (const { id, verdict } of findings) {
      if (verdict === 'inconclusive' || verdict === 'not-applicable') continue;
      const name = `${id} of ${experiment}`;
      decided.set(name, (decided.get(name) ?? new Set()).add(verdict));
    }
  }
  return [...decided].flatMap(([name, verdicts]) => (verdicts.size > 1 ? [name] : []));
};

/** One line over many experiments, each repeated. */
export const renderAgreement = (results: readonly Result[]): string => {
  const findings = results.flatMap((result) => result.findings);
  const open = findings.filter(({ verdict }) => verdict === 'inconclusive').length;
  const share = findings.length === 0 ? 0 : Math.ceil((open / findings.length) * 1000) / 10;
  const contradictions = contradicted(results);
  const verdicts =
    contradictions.length === 0
      ? 'no finding got two different verdicts'
      : `two different verdicts: ${contradictions.join(', ')}`;
  return `\n ${results.length} runs, ${findings.length} verdicts: ${verdicts}; ${open} inconclusive (${share} %)\n`;
};
