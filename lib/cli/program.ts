/** The command line: names, options and exit codes; each command is a file of its own. */
import { Command, Option } from 'commander';
import { version } from '../../package.json';
import { InputError } from '../errors';
import { ordersHelp } from '../services/mock-model/orders';
import { CompareOptions, printComparison } from './compare';
import { GatewayOptions, runGateway } from './gateway';
import { Io } from './io';
import { MockModelOptions, runMockModel } from './mock-model';
import { DEFAULT_PRICES_FILE, refreshPrices } from './prices-refresh';
import { showPrices } from './prices-show';
import { FORMATS, ReportOptions, printReport } from './report';
import { ROUTE_EVAL_HELP, RouteEvalOptions, printRouteEvaluation } from './route-eval';

const PROCESS: Io = {
  stdout: text => void process.stdout.write(`${text}\n`),
  stderr: text => void process.stderr.write(`${text}\n`),
};
const BAD_INPUT = 2;
const BUG = 70;

/** Exit code: 0 ok, 1 the gate breaks or a refresh was refused, 2 bad input, 3 no verdict, 70 a fault of our own; a service's own. */
export async function run(argv: readonly string[], io: Io = PROCESS): Promise<number> {
  let code = 0;
  const today = new Date().toISOString().slice(0, 10);
  const program = new Command('ai-margin').version(version).description('Forecasts the gross margin of AI workflows from infrastructure code.')
    .exitOverride()
    .configureOutput({ writeOut: text => io.stdout(text.trimEnd()), writeErr: text => io.stderr(text.trimEnd()) });

  program.command('report').description('print what stacks cost and earn; exit 0 ok, 1 breaks, 2 bad input, 3 no verdict')
    .requiredOption('--app <path...>', 'cdk.out folder or CloudFormation template; repeatable')
    .option('--declare <file>', 'margin.yaml: what stacks earn and use')
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('table'))
    .option('--prices <file>', 'price file written by prices refresh')
    .option('--pricing-region <region>', 'region of stacks that name none')
    .action((options: Omit<ReportOptions, 'today'>) => { code = printReport({ ...options, today }, io); });

  program.command('compare').description('compare own GPUs with model APIs for the same workflows; exit 0 compared, 2 bad input, 3 a cost is unknown')
    .requiredOption('--app <path>', 'cdk.out folder or CloudFormation template')
    .requiredOption('--managed <model>', 'provider/model of the managed API')
    .option('--hosted <model>', 'provider/model of the same open model at a provider')
    .option('--stack <name>', 'which stack, where several have a GPU group')
    .option('--group <path>', 'which GPU group, where the stack has several')
    .option('--declare <file>', 'margin.yaml: what stacks earn and use')
    .option('--premium-share <percent>', 'share of calls the hybrid sends to the managed API', '20')
    .option('--people-hours <hours>', 'engineering hours a month that own GPUs take')
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('table'))
    .option('--prices <file>', 'price file written by prices refresh')
    .option('--pricing-region <region>', 'region of stacks that name none')
    .action((options: Omit<CompareOptions, 'today'>) => { code = printComparison({ ...options, today }, io); });

  const prices = program.command('prices').description('the price book');
  prices.command('show').description('print a price, or those that match').argument('<item>', 'item, part of one, or provider/model')
    .option('--region <region>', 'region', 'us-east-1')
    .option('--prices <file>', 'price file written by prices refresh')
    .action((item: string, options: { region?: string; prices?: string }) => { code = showPrices({ item, ...options, today }, io); });
  prices.command('refresh').description('ask the AWS Price List API for every price; writes all or nothing')
    .option('--region <region>', 'region', 'us-east-1')
    .option('--endpoint <url>', 'another endpoint of the Price List API')
    .option('--out <file>', 'file to write', DEFAULT_PRICES_FILE)
    .action(async (options: { region?: string; endpoint?: string; out?: string }) => { code = await refreshPrices({ ...options, today }, io); });

  program.command('gateway').description('run the gateway on this machine until it is told to stop; exit 0 stopped, 2 bad input')
    .requiredOption('--config <file>', 'its configuration, JSON; read again whenever it changes')
    .option('--port <port>', 'port, 0 for any free one (default: 4000)')
    .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
    .option('--store <url>', 'valkey://host:port or valkey+cluster://host:port for the budgets (default: AI_MARGIN_GATEWAY_STORE in the environment, else in memory, for one process)')
    .option('--cache <url>', 'the same for the answers that routes keep, another one than the budgets\' (default: AI_MARGIN_GATEWAY_CACHE in the environment, else in memory)')
    .action(async (options: GatewayOptions) => { code = await runGateway(options); });

  program.command('route-eval').description('evaluate a route on recorded answers of a cheap and a premium model; exit 0 evaluated, 2 bad input, 3 a cost is unknown')
    .requiredOption('--data <file>', 'recorded answers, JSON lines, gzipped or not')
    .requiredOption('--route <config>', 'the gateway\'s configuration; its secrets are not needed')
    .option('--workflow <id>', 'which workflow, where the configuration has several')
    .addOption(new Option('--format <format>', 'how to print').choices(FORMATS).default('table'))
    .option('--seed <number>', 'of the order of the calls and of the intervals', '1')
    .addHelpText('after', `\n${ROUTE_EVAL_HELP}`)
    .action(async (options: RouteEvalOptions) => { code = await printRouteEvaluation(options, io); });

  program.command('mock-model').description('run an OpenAI-shaped server with answers to order until it is told to stop; exit 0 stopped, 2 bad input')
    .option('--port <port>', 'port, 0 for any free one (default: 4010)')
    .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
    .addHelpText('after', `\n${ordersHelp()}`)
    .action(async (options: MockModelOptions) => { code = await runMockModel(options); });

  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof InputError) {
      io.stderr(`ai-margin: ${error.message}`);
      return BAD_INPUT;
    }
    // commander has printed its own errors; help and version are no errors.
    if (error instanceof Error && 'exitCode' in error) return error.exitCode === 0 ? 0 : BAD_INPUT;
    io.stderr(`ai-margin: this is a fault of ai-margin; please report it with the command. ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    return BUG;
  }
}
