#!/usr/bin/env node
/** The command line; all of it is in lib/cli. */
import { run } from '../lib/cli/program';

void run(process.argv).then(code => { process.exitCode = code; });
