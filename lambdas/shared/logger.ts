import { Logger } from '@aws-lambda-powertools/logger';

/** One JSON line per entry. Never hand it events, environments, tokens, secrets or plan bodies. */
export const logger = new Logger({ serviceName: process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'orchestrator' });
