import { defaultModulePolicy } from '../../lambdas/runners/module-policy';
import { runProgram } from '../../lambdas/runners/program';

/** The runner's program with the one thing allowed that lasts as long as a test wants it to. */
void runProgram({ ...defaultModulePolicy, provisioners: ['local-exec'] });
