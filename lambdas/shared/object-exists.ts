import { HeadObjectCommand, NotFound, type S3Client } from '@aws-sdk/client-s3';

/** Asks whether an object is there. */
export const makeExists =
  (s3: Pick<S3Client, 'send'>, bucket: string) =>
  async (key: string): Promise<boolean> => {
    try {
      await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  };
