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
//
// Credentials never stand in the file: they come from the AWS SDK's default chain (environment, shared
// configuration, web identity, container, instance).
//
// What is done with the clients is not here; see activities/aws.
package accounts
