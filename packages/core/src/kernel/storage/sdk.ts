// Imported dynamically. A dynamic import of the package would bundle all of it; these named exports can be tree-shaken.
export {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3ServiceException,
} from "@aws-sdk/client-s3";
