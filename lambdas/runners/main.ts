import { runProgram } from './program';

/** The runner as a program: what a Fargate task or a person at a shell starts. */
void runProgram();
