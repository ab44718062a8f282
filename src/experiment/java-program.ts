// A Java program beside an experiment, started from its source.

/**
 * What `java` is to be given for it, before the program's own arguments: `spawn('java', [...javaProgram(source), 'one'])`.
 * It is compiled in memory as it starts, and starts sooner without the second compiler; without -XX:-UsePerfData it would
 * keep a file under /tmp. The experiment needs `java` and `javac`.
 */
export const javaProgram = (source: string): string[] => ['-XX:TieredStopAtLevel=1', '-XX:-UsePerfData', source];
