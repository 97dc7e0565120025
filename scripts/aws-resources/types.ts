/** What a type of resource is for here, and what its use costs. */
export interface TypeDescription {
  readonly purpose: string;
  /** US dollars in eu-central-1; empty: it is free, whatever happens. */
  readonly unitPrice: string;
  /** Each has a row of its own; others are counted. */
  readonly listed?: true;
  /** Who can reach it without an identity of the account. */
  readonly exposed?: string;
}

const counted = (purpose: string, unitPrice = ''): TypeDescription => ({ purpose, unitPrice });
const listed = (purpose: string, unitPrice: string, exposed?: string): TypeDescription => ({
  purpose,
  unitPrice,
  listed: true,
  ...(exposed !== undefined && { exposed }),
});

/**
 * Every type that may stand in a template. Prices are list prices without free tiers, from the price pages of the
 * services at aws.amazon.com; like those of docs/costs.md they have to be looked up again before one relies on them.
 */
export const types: Readonly<Record<string, TypeDescription>> = {
  'AWS::ApiGateway::Account': counted('Lets API Gateway write its access logs.'),
  'AWS::ApiGateway::Deployment': counted('A published version of the routes.'),
  'AWS::ApiGateway::GatewayResponse': counted('A page that the gateway answers with by itself.'),
  'AWS::ApiGateway::Method': counted('A route: a method of a path, and the function behind it.'),
  'AWS::ApiGateway::RequestValidator': counted('Refuses requests that lack what a route needs.'),
  'AWS::ApiGateway::Resource': counted('A part of a path.'),
  'AWS::ApiGateway::RestApi': listed(
    'The public surface: approval pages, sign-in, health, webhooks.',
    '3.70 per million requests',
    'the internet, through the firewall',
  ),
  'AWS::ApiGateway::Stage': listed(
    'The published surface with its throttles and access log.',
    '',
    'the internet, through the firewall',
  ),
  'AWS::CloudWatch::Alarm': counted(
    'Tells operations when something fails, waits or stands still.',
    '0.10 a month each',
  ),
  'AWS::CloudWatch::Dashboard': listed('How the orchestrator is doing, at a glance.', '3.00 a month'),
  'AWS::CodeBuild::Project': listed('', '0.005 a minute of building'),
  'AWS::DynamoDB::Table': listed(
    '',
    '0.76 per million writes, 0.15 per million reads, 0.31 a GB-month, 0.24 a GB-month of point-in-time recovery',
  ),
  'AWS::EC2::EIP': counted('The public address of the NAT gateway.', 'with the gateway'),
  'AWS::EC2::FlowLog': counted('Records which connections were made in the VPC.', 'with its log group'),
  'AWS::EC2::InternetGateway': counted('The VPC’s door to the internet, for the NAT gateway alone.'),
  'AWS::EC2::NatGateway': listed(
    'The way out of the VPC for workers and hosts; no way in.',
    '0.052 a GB',
    'nobody: it lets out only',
  ),
  'AWS::EC2::Route': counted('Where packets go.'),
  'AWS::EC2::RouteTable': counted('Where packets of a subnet go.'),
  'AWS::EC2::SecurityGroup': listed('Who may talk to whom: workers take no connection.', ''),
  'AWS::EC2::SecurityGroupIngress': counted('Who may reach a group.'),
  'AWS::EC2::Subnet': counted('A part of the network in one zone.'),
  'AWS::EC2::SubnetRouteTableAssociation': counted('Which table a subnet uses.'),
  'AWS::EC2::VPC': listed('The network of workers and of hosts that runs make.', ''),
  'AWS::EC2::VPCEndpoint': listed(
    'A way to one service of AWS that leaves the VPC by no gateway.',
    'gateway endpoints are free; an interface endpoint 0.012 an hour and zone, 0.01 a GB',
  ),
  'AWS::EC2::VPCGatewayAttachment': counted('Joins the gateway to the VPC.'),
  'AWS::ECR::Repository': listed('Holds the image of the runner.', '0.10 a GB-month'),
  'AWS::ECS::Cluster': listed('Where tasks on Fargate run.', ''),
  'AWS::ECS::TaskDefinition': listed('', '0.0466 per vCPU-hour, 0.0051 per GB-hour on Fargate'),
  'AWS::Events::Rule': listed('', ''),
  'AWS::IAM::InstanceProfile': counted('Carries the role of hosts that runs make.'),
  'AWS::IAM::ManagedPolicy': listed('', ''),
  'AWS::IAM::Policy': counted('What a role may do, by exact action: see [identities](identities.md).'),
  'AWS::IAM::Role': counted('An identity: see [identities](identities.md).'),
  'AWS::KMS::Alias': counted('The name of a key.'),
  'AWS::KMS::Key': listed('', '1.00 a month; 0.03 per 10,000 uses'),
  'AWS::Lambda::EventSourceMapping': counted('Hands a function what a stream or a queue holds.'),
  'AWS::Lambda::Function': listed('', '0.20 per million calls, 0.0000167 per GB-second'),
  'AWS::Lambda::Permission': counted('Who may call a function.'),
  'AWS::Logs::LogGroup': counted(
    'The log of a function, a workflow, the network or the firewall.',
    '0.63 a GB taken in, 0.032 a GB-month',
  ),
  'AWS::S3::Bucket': listed('', '0.0245 a GB-month, 0.0054 per 1,000 writes'),
  'AWS::S3::BucketPolicy': counted('Refuses a bucket whatever does not come over TLS.'),
  'AWS::SNS::Subscription': counted('Mails a person what a topic is told.', '2.00 per 100,000 mails'),
  'AWS::SNS::Topic': listed('', '0.50 per million messages', 'the mailbox of whom it names'),
  'AWS::SNS::TopicPolicy': counted('Refuses a topic whatever does not come over TLS.'),
  'AWS::SQS::Queue': listed('', '0.40 per million requests'),
  'AWS::SQS::QueuePolicy': counted('Refuses a queue whatever does not come over TLS.'),
  'AWS::Scheduler::Schedule': listed('', '1.00 per million calls'),
  'AWS::Scheduler::ScheduleGroup': counted(
    'Holds the schedules of an environment, which its roles trust alone.',
  ),
  'AWS::SecretsManager::Secret': listed('', '0.40 a month, 0.05 per 10,000 reads'),
  'AWS::StepFunctions::StateMachine': listed('', '0.025 per 1,000 transitions'),
  'AWS::WAFv2::LoggingConfiguration': counted('Logs what the firewall refused, without query and cookies.'),
  'AWS::WAFv2::WebACL': listed(
    'The firewall in front of the public surface.',
    '5.00 a month and 1.00 a rule, 0.60 per million requests',
  ),
  'AWS::WAFv2::WebACLAssociation': counted('Puts the firewall before the surface.'),
  'Custom::RunnerImage': counted('Has the image of the runner built, and waits for it.'),
  'Custom::VpcRestrictDefaultSG': counted('Empties the default security group of the VPC.'),
};
