import * as z from 'zod';

/** What CloudFormation asks of a custom resource; it waits for an answer at `ResponseURL`. */
export const resourceRequest = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url({ protocol: /^https?$/ }),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.object({ Tag: z.string() }),
});
export type ResourceRequest = z.infer<typeof resourceRequest>;

/** CodeBuild's event that a build ended. */
export const buildEnded = z.object({
  'detail-type': z.literal('CodeBuild Build State Change'),
  detail: z.object({ 'build-id': z.string(), 'build-status': z.string() }),
});

export const buildRunnerImageInput = z.union([resourceRequest, buildEnded]);
export type BuildRunnerImageInput = z.infer<typeof buildRunnerImageInput>;
export const buildRunnerImageOutput = z.null();

/** The part of a request that an answer repeats; it travels with the build. */
export const pendingAnswer = resourceRequest.pick({
  ResponseURL: true,
  StackId: true,
  RequestId: true,
  LogicalResourceId: true,
  ResourceProperties: true,
});
export type PendingAnswer = z.infer<typeof pendingAnswer>;
