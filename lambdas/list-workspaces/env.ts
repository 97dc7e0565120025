import * as z from 'zod';

export const listWorkspacesEnv = z.object({ WORKSPACES_TABLE: z.string(), ARTIFACTS_BUCKET: z.string() });
