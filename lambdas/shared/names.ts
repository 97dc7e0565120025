import * as z from 'zod';

/** One path segment: a tenant, a workspace, a module, a role. Never starts with `-` or `.`, never holds a separator. */
export const segmentPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const segment = z
  .string()
  .regex(
    segmentPattern,
    'use lower-case letters, digits and "-", starting with a letter or digit, 63 at most',
  );

/** `<tenant>/<name>`: one Terraform state. */
export const workspaceName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}\/[a-z0-9][a-z0-9-]{0,62}$/,
    'write it as <tenant>/<name>, each of lower-case letters, digits and "-", 63 at most',
  );

/** The name of an execution: a ULID from our own clients, whatever the console made otherwise. */
export const runId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'letters, digits, "-" and "_", 64 at most');

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');

/** The tenant that owns a workspace. */
export const tenantOf = (workspace: string): string => workspace.slice(0, workspace.indexOf('/'));

/** A host's name in an inventory: one DNS label, so that it can be no option, group or connection string. */
export const hostName = segment;

/** An IPv4 or IPv6 address, or a DNS name of plain labels. */
export const hostAddress = z
  .string()
  .max(253)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*|[0-9a-f:]{2,39})$/,
    'an IP address or a plain DNS name',
  );

/** The path of a URL that tells whether an application is well. */
export const healthPath = z
  .string()
  .max(256)
  .regex(/^\/[A-Za-z0-9/._~%?&=+,:@-]*$/, 'a path of a URL that begins with "/"');

/** An approval's id, as it stands in an address. */
export const approvalIdPattern = /^[A-Za-z0-9_-]{1,128}$/;

/** The complete ARN of a secret: its name alone could be taken by another one later. */
export const secretArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.{1,512}-\w{6}$/, 'the ARN of a secret');
