#!/usr/bin/env node
import { createRequire } from 'node:module';
import 'tsx';

const { main } = createRequire(import.meta.url)('./main.ts');
process.exitCode = await main(process.argv.slice(2));
