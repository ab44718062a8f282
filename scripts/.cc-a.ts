import { enableCompileCache } from 'node:module';
enableCompileCache('/tmp/cc/cache');
await import('./.cc-b.ts');
