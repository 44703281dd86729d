/** AppConfig: requests for a configuration and configurations received, by use. No built-in price: a declared override gives one. */
import { usage } from '../charge';
import { Family } from '../family';

const free = () => [];

export const appconfig: Family = {
  name: 'AppConfig',
  charges: {
    'AWS::AppConfig::ConfigurationProfile': () => [usage('appconfig/request'), usage('appconfig/configuration-received')],
    'AWS::AppConfig::Application': free,
    'AWS::AppConfig::Environment': free,
    'AWS::AppConfig::Deployment': free,
    'AWS::AppConfig::DeploymentStrategy': free,
    'AWS::AppConfig::HostedConfigurationVersion': free,
    'AWS::AppConfig::Extension': free,
    'AWS::AppConfig::ExtensionAssociation': free,
  },
};
