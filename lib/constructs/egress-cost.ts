/** One way out of the VPC and what it costs while nothing happens. */
export interface EgressCost {
  readonly egress: 'nat' | 'endpoints' | 'none';
  readonly dollarsPerMonth: number;
  readonly because: string;
}

const hoursPerMonth = 730;

/**
 * US dollars per hour in eu-central-1, from aws.amazon.com/vpc/pricing (NAT gateway, public IPv4) and
 * aws.amazon.com/privatelink/pricing (interface endpoint, per zone). Other regions differ by up to a third;
 * data processed costs extra: 0.052 per GB through NAT, 0.01 per GB through an endpoint.
 */
const perHour = { natGateway: 0.052, publicAddress: 0.005, endpointInZone: 0.012 };

const round = (dollars: number): number => Math.round(dollars * 100) / 100;

/** The monthly cost of each choice, so that the one made can be judged. */
export const egressCosts = (zones: number, interfaceEndpoints: number): readonly EgressCost[] => [
  {
    egress: 'nat',
    dollarsPerMonth: round((perHour.natGateway + perHour.publicAddress) * hoursPerMonth),
    because: 'one NAT gateway with its public address, shared by all zones; data extra',
  },
  {
    egress: 'endpoints',
    dollarsPerMonth: round(perHour.endpointInZone * interfaceEndpoints * zones * hoursPerMonth),
    because: `${interfaceEndpoints} interface endpoints in ${zones} zones; data extra; no EC2 Instance Connect`,
  },
  { egress: 'none', dollarsPerMonth: 0, because: 'S3 and DynamoDB only' },
];

/** One sentence per choice, the chosen one first. */
export const describeEgress = (chosen: EgressCost['egress'], costs: readonly EgressCost[]): string =>
  [...costs]
    .sort((a, b) => Number(b.egress === chosen) - Number(a.egress === chosen))
    .map(
      (cost) =>
        `${cost.egress}${cost.egress === chosen ? ' (chosen)' : ''}: ${cost.dollarsPerMonth.toFixed(2)} USD a month (${cost.because})`,
    )
    .join('. ');
