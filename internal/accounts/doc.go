// Package accounts turns the names of accounts into clients of their clouds. It reads accounts.yaml (by package file),
// which only workers see: flows, their inputs and their histories carry names and nothing else.
//
//	accounts:
//	  provider:
//	    taskQueue: linkwright-provider # optional: only workers on this queue act for the account
//	    aws:
//	      accountID: "111111111111"
//	      roleARN: arn:aws:iam::111111111111:role/Linkwright # optional: without, the worker's own credentials act
//	      externalID: … # optional: what the role's trust policy asks for
//	      partition: aws # optional: aws-cn, aws-us-gov, …
//	      region: eu-central-1 # optional: where STS is asked; default: the region of the first call
//	      profile: … # optional: of the shared AWS configuration, for the base credentials
//	      endpoint: http://127.0.0.1:4566 # optional: for simulated clouds and private endpoints
//	      limits: {share: 0.5} # optional: how much of AWS's request buckets is this worker's; also for all accounts
//	  consumer:
//	    azure:
//	      tenantID: 00000000-0000-0000-0000-00000000000a
//	      subscriptionID: 00000000-0000-0000-0000-00000000000b
//	      cloud: public # optional: government, china
//	      credential: {workloadIdentity: {}} # or managedIdentity, clientSecret, clientCertificate, azureCLI
//	      endpoint: https://127.0.0.1:8443 # optional: Resource Manager, for simulated clouds and private endpoints
//	      authority: … # optional: of Entra ID; default: the cloud's, or the endpoint
//	      caFile: … # optional: certificates to trust besides the system's
//	      limits: {share: 0.5} # optional: how much of Azure's request buckets is this worker's
//
// Secrets never stand in the file: those of AWS come from its SDK's default chain (environment, shared configuration,
// web identity, container, instance), those of Azure from the environment variables and files that the file names.
//
// What is done with the clients is not here; see activities/aws and activities/azure.
package accounts
