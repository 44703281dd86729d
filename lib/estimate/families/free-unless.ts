/** Resources that are free in their usual form and charged in another. */
import { unpriced } from '../charge';
import { Family } from '../family';
import { extras } from './options';

export const freeUnless: Family = {
  name: 'Free in the usual form',
  charges: {
    'AWS::SSM::Parameter': parameter => {
      const tier = parameter.text('Tier', 'Standard');
      return tier === 'Standard' ? [] : [unpriced(`the price book has no prices for ${tier} parameters`)];
    },
    'AWS::CertificateManager::Certificate': certificate => extras(certificate, {
      CertificateAuthorityArn: 'a certificate of a private authority',
      CertificateExport: 'an exportable certificate',
    }),
  },
};
