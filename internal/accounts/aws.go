package accounts

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/linkwright/linkwright/internal/accounts/file"
	"github.com/linkwright/linkwright/internal/link"
)

// Clients are the AWS clients of one account in one region.
type Clients struct {
	Account link.Account
	// ActingAs is the role that the calls are made with; empty for the worker's own credentials.
	ActingAs string

	EC2     *ec2.Client
	ELB     *elasticloadbalancingv2.Client
	Route53 *route53.Client
	SSM     *ssm.Client
	STS     *sts.Client
	Quotas  *servicequotas.Client
	ACM     *acm.Client
	WAF     *wafv2.Client

	limiter *limiter
}

// InLine is how long the step of ctx (see [WithStep]) has waited for its turn to call, over all its attempts. A worker
// that is started anew has forgotten it.
func (c *Clients) InLine(ctx context.Context) time.Duration { return c.limiter.inLine(Step(ctx)) }

const (
	// sessionName is how CloudTrail shows the calls made with an assumed role.
	sessionName = "linkwright"
	// renewal is how long before their end assumed credentials are renewed, so that none expires in mid-call.
	renewal = 2 * time.Minute
	// attempts and backoff bound the SDK's own retries. They smooth over a dropped connection or a short
	// throttle; all that lasts longer is left to Temporal, whose retries hold no worker slot, survive the
	// worker, and can be seen.
	attempts = 3
	backoff  = 2 * time.Second
)

// awsSession is what is kept of an account between calls: its credentials, and the clients of each region.
type awsSession struct {
	account link.Account
	entry   file.AWS
	limiter *limiter                // of the AWS account, which other names may stand for, too
	gauge   *gauge                  // nil where nobody measures
	base    aws.CredentialsProvider // in place of the default chain, when not nil

	mu      sync.Mutex
	config  *aws.Config // nil until first used
	regions map[string]*Clients
}

// Clients returns the AWS clients of an account in a region. They are made when first asked for and share one set
// of credentials for each account: a role is assumed once and again only before its credentials expire. An
// account without a role is asked once whether the base credentials are really its own.
func (b *Book) Clients(ctx context.Context, name, region string) (*Clients, error) {
	p, err := b.acting(name)
	if err != nil {
		return nil, err
	}
	if p.aws == nil {
		return nil, fmt.Errorf("%w %q of AWS: it is one of %s", ErrUnknownAccount, name, p.account.Cloud)
	}
	return p.aws.clients(ctx, region)
}

func (s *awsSession) clients(ctx context.Context, region string) (*Clients, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.regions[region]; ok {
		return c, nil
	}
	if s.config == nil {
		cfg, err := s.load(ctx, region)
		if err != nil {
			return nil, err
		}
		s.config = cfg
	}
	c := s.inRegion(region)
	if s.regions == nil {
		s.regions = map[string]*Clients{}
	}
	s.regions[region] = c
	return c, nil
}

func (s *awsSession) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config, s.regions = nil, nil
}

// inRegion makes the clients of one region.
func (s *awsSession) inRegion(region string) *Clients {
	in := func(service string) aws.Config {
		cfg := s.config.Copy()
		cfg.Region = region
		cfg.APIOptions = append(slices.Clone(cfg.APIOptions), s.limiter.turns(service, region, s.gauge))
		return cfg
	}
	return &Clients{
		Account:  s.account,
		ActingAs: s.entry.RoleARN,
		EC2:      ec2.NewFromConfig(in("ec2")),
		ELB:      elasticloadbalancingv2.NewFromConfig(in("elasticloadbalancing")),
		Route53:  route53.NewFromConfig(in("route53")),
		SSM:      ssm.NewFromConfig(in("ssm")),
		STS:      sts.NewFromConfig(in("sts")),
		Quotas:   servicequotas.NewFromConfig(in("servicequotas")),
		ACM:      acm.NewFromConfig(in("acm")),
		WAF:      wafv2.NewFromConfig(in("wafv2")),
		limiter:  s.limiter,
	}
}

// load finds the base credentials and puts the role on top of them.
func (s *awsSession) load(ctx context.Context, region string) (*aws.Config, error) {
	if s.entry.Region != "" {
		region = s.entry.Region
	}
	options := []func(*config.LoadOptions) error{
		config.WithRegion(region),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff = attempts, backoff
			})
		}),
	}
	if s.base != nil {
		options = append(options, config.WithCredentialsProvider(s.base))
	}
	if s.entry.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(s.entry.Profile))
	}
	if s.entry.Endpoint != "" {
		options = append(options, config.WithBaseEndpoint(s.entry.Endpoint))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, &CredentialsError{Account: s.account.Name, Err: err}
	}
	if s.entry.RoleARN == "" {
		cfg.Credentials = s.cached(cfg.Credentials)
		return &cfg, s.checkIdentity(ctx, sts.NewFromConfig(cfg))
	}
	cfg.Credentials = s.cached(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), s.entry.RoleARN,
		func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = sessionName
			if s.entry.ExternalID != "" {
				o.ExternalID = aws.String(s.entry.ExternalID)
			}
		}))
	return &cfg, nil
}

// checkIdentity makes sure that base credentials belong to the account they are used for. An assumed role
// needs no such look: its ARN names the account.
func (s *awsSession) checkIdentity(ctx context.Context, client *sts.Client) error {
	who, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("ask whose credentials account %q has: %w", s.account.Name, err)
	}
	if id := aws.ToString(who.Account); id != s.account.ID {
		return fmt.Errorf("%w: account %q is %s, but the worker's credentials are those of %s (%s); "+
			"give the account a roleARN or a profile, or the worker other credentials",
			ErrWrongAccount, s.account.Name, s.account.ID, id, aws.ToString(who.Arn))
	}
	return nil
}

// cached keeps credentials until shortly before they expire, and gives failures the account's name.
func (s *awsSession) cached(provider aws.CredentialsProvider) aws.CredentialsProvider {
	named := aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		credentials, err := provider.Retrieve(ctx)
		if err != nil {
			return credentials, &CredentialsError{Account: s.account.Name, ActingAs: s.entry.RoleARN, Err: err}
		}
		return credentials, nil
	})
	return aws.NewCredentialsCache(named, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = renewal })
}
