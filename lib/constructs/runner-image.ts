import { CustomResource, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BuildSpec, ComputeType, LinuxBuildImage, Project, Source } from 'aws-cdk-lib/aws-codebuild';
import { type IRepository, Repository, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EcrImageCode } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct, type IConstruct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import { bundleOf } from './bundle';
import { acknowledgeWildcards } from './nag-checks';
import { OperationDefaults } from './operation-defaults';
import { StepFunction } from './step-function';

type ImagePackaging = Exclude<EnvironmentConfig['runner']['packaging'], { kind: 'bundle' }>;

export interface RunnerImageProps {
  readonly packaging: ImagePackaging;
  /** Encrypts what the build leaves. */
  readonly encryptionKey: IKey;
  /** Whether built images outlive the stack. */
  readonly retain: boolean;
}

/** The runner's image: one that was named by digest, or one that the account builds while it deploys. */
export class RunnerImage extends Construct {
  private readonly repository: IRepository;
  private readonly tagOrDigest: string;
  private readonly built: IConstruct | undefined;

  constructor(scope: Construct, id: string, props: RunnerImageProps) {
    super(scope, id);
    if (props.packaging.kind === 'image-by-digest') {
      this.repository = Repository.fromRepositoryName(this, 'Repository', props.packaging.repository);
      this.tagOrDigest = props.packaging.digest;
      return;
    }
    const source = new Asset(this, 'Source', { path: bundleOf('runners') });
    this.tagOrDigest = source.assetHash;
    this.repository = new Repository(this, 'Repository', {
      imageTagMutability: TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      lifecycleRules: [{ maxImageCount: 20 }],
      ...(props.retain
        ? { removalPolicy: RemovalPolicy.RETAIN }
        : { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true }),
    });
    this.built = this.build(source, props);
  }

  /** The image for a Lambda function. */
  code(): EcrImageCode {
    return new EcrImageCode(this.repository, { tagOrDigest: this.tagOrDigest, cmd: ['index.handler'] });
  }

  /** The image for a container. */
  container(): ContainerImage {
    return ContainerImage.fromEcrRepository(this.repository, this.tagOrDigest);
  }

  /** Whoever uses the image waits until it is built. */
  awaitedBy(user: IConstruct): void {
    if (this.built) user.node.addDependency(this.built);
  }

  private build(source: Asset, { encryptionKey }: RunnerImageProps): CustomResource {
    const { logRetention, logRemoval } = OperationDefaults.of(this);
    const project = new Project(this, 'Build', {
      description: 'Builds the image of the runner',
      source: Source.s3({ bucket: source.bucket, path: source.s3ObjectKey }),
      environment: {
        buildImage: LinuxBuildImage.STANDARD_7_0,
        computeType: ComputeType.SMALL,
        privileged: true,
        environmentVariables: {
          REPOSITORY: { value: this.repository.repositoryUri },
          REPOSITORY_NAME: { value: this.repository.repositoryName },
          TAG: { value: this.tagOrDigest },
        },
      },
      encryptionKey,
      timeout: Duration.minutes(30),
      logging: {
        cloudWatch: {
          logGroup: new LogGroup(this, 'BuildLogs', { retention: logRetention, removalPolicy: logRemoval }),
        },
      },
      buildSpec: BuildSpec.fromObject({
        version: '0.2',
        phases: {
          build: {
            commands: [
              // Tags are immutable: a deployment that comes back to an image finds it.
              'if aws ecr describe-images --repository-name "$REPOSITORY_NAME" --image-ids "imageTag=$TAG" > /dev/null 2>&1; then exit 0; fi',
              'aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}" && sh build-image.sh "$REPOSITORY:$TAG" && docker push "$REPOSITORY:$TAG"',
            ],
          },
        },
      }),
    });
    this.repository.grantPullPush(project);
    project.addToRolePolicy(
      new PolicyStatement({
        actions: ['ecr:DescribeImages'],
        resources: [this.repository.repositoryArn],
      }),
    );
    Validations.of(project).acknowledge({
      id: 'AwsSolutions-CB3',
      reason: 'Building an image needs the Docker daemon, which needs a privileged build.',
    });
    acknowledgeWildcards(
      project,
      { matching: /^Resource::\*$/, reason: 'ecr:GetAuthorizationToken takes no resource.' },
      {
        matching: /^(Resource::.*(log-group|report-group|cdk-[^/]*assets).*|Resource::.+\/\*)$/,
        reason: 'Streams of its own log group, its own reports, and the one bucket that holds the asset.',
      },
      {
        matching: /^Action::(s3:(GetObject|GetBucket|List)\*|kms:(GenerateDataKey|ReEncrypt)\*)$/,
        reason: 'The read grant of an asset and the use of one key, as the CDK words them.',
      },
    );
    return this.startedOnDeployment(project);
  }

  /** Starts the build and hears of its end by event, so that nobody polls. */
  private startedOnDeployment(project: Project): CustomResource {
    const starter = new StepFunction(this, 'Starter', {
      step: 'build-runner-image',
      timeout: Duration.minutes(1),
      environment: { PROJECT_NAME: project.projectName },
    });
    starter.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
        resources: [project.projectArn],
      }),
    );
    const ended = new Rule(this, 'BuildEnded', {
      description: 'The build of the runner image ended',
      eventPattern: {
        source: ['aws.codebuild'],
        detailType: ['CodeBuild Build State Change'],
        detail: {
          'project-name': [project.projectName],
          'build-status': ['SUCCEEDED', 'FAILED', 'FAULT', 'STOPPED', 'TIMED_OUT'],
        },
      },
      targets: [new LambdaFunction(starter.function, { retryAttempts: 3 })],
    });
    const image = new CustomResource(this, 'Image', {
      serviceToken: starter.function.functionArn,
      resourceType: 'Custom::RunnerImage',
      serviceTimeout: Duration.minutes(45),
      properties: { Tag: this.tagOrDigest },
    });
    // The rule too: the build may end before anything else is made.
    image.node.addDependency(project, starter, ended);
    return image;
  }
}
