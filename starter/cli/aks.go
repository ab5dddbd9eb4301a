package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/aks"
)

func (a *app) importCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "import", Short: "Turn what is there, or what other tools are told, into specs"}
	cmd.AddCommand(a.importAWS(), a.importAzure(), a.importAKS())
	return cmd
}

func (a *app) exportCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "export", Short: "Turn specs into what other tools are told"}
	cmd.AddCommand(a.exportAKS())
	return cmd
}

func (a *app) importAKS() *cobra.Command {
	var (
		files []string
		in    aks.Surroundings
	)
	cmd := &cobra.Command{
		Use:   "aks -f SERVICE.yaml",
		Short: "Turn annotated Kubernetes Services into EndpointServices",
		Long: `Turn Kubernetes Services that are annotated for a private link service (service.beta.kubernetes.io/azure-pls-*)
into EndpointServices that publish them in the same way, with the same defaults, and print those. Services without
azure-pls-create: "true" are left out.

By default Linkwright makes the private link service: take the annotations off the Service then, or the cluster's cloud
controller makes another one. With --adopt, the cloud controller goes on looking after its own, which Linkwright leaves
as it is; it only lets connections in and turns them away.

It needs the Services as they are in the cluster, with their address and UID, and talks to nobody.`,
		Example: `  kubectl get service -n orders api -o yaml | linkwright import aks -f - --account orders --region westeurope \
    --node-resource-group MC_rg-orders_orders_westeurope --virtual-network /subscriptions/…/virtualNetworks/orders > api.yaml
  linkwright import aks -f api-service.yaml --adopt --account orders --region westeurope \
    --node-resource-group MC_rg-orders_orders_westeurope --subscription 00000000-0000-0000-0000-000000000001`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.printImported(files, in) },
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&files, "filename", "f", nil, "file with Services, directory of such files, or - for standard input; may be repeated")
	flags.StringVar(&in.Account, "account", "", "the provider's account, by its name in the workers' accounts file")
	flags.StringVar(&in.Region, "region", "", "the cluster's region, such as westeurope")
	flags.StringVar(&in.NodeResourceGroup, "node-resource-group", "", "the resource group of the cluster's nodes and load balancers")
	flags.StringVar(&in.VirtualNetwork, "virtual-network", "", "resource id of the cluster's virtual network")
	flags.StringVar(&in.Subnet, "subnet", "", "name of the nodes' subnet, for Services whose annotations name none")
	flags.BoolVar(&in.Adopt, "adopt", false, "leave the private link service to the cluster's cloud controller")
	flags.StringVar(&in.Subscription, "subscription", "", "the cluster's subscription, with --adopt")
	for _, name := range []string{"filename", "account", "region", "node-resource-group"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // there is no such flag
		}
	}
	cmd.MarkFlagsOneRequired("virtual-network", "adopt")
	cmd.MarkFlagsMutuallyExclusive("virtual-network", "adopt")
	cmd.MarkFlagsRequiredTogether("adopt", "subscription")
	return cmd
}

func (a *app) printImported(paths []string, in aks.Surroundings) error {
	var documents []link.Document
	var wrong []error
	for _, path := range paths {
		files, err := a.read(path)
		if err != nil {
			return err
		}
		for _, file := range files {
			services, err := aks.Read(file.Data)
			if err != nil {
				return fmt.Errorf("%s: %w", file.Name, err)
			}
			for _, s := range services {
				doc, err := aks.Import(s, in)
				wrong = append(wrong, err)
				documents = append(documents, link.Document{Service: &doc})
			}
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	if len(documents) == 0 {
		return fmt.Errorf("no Service in %s asks for a private link service: none is annotated with service.beta.kubernetes.io/azure-pls-create: \"true\"", link.Few(paths, 1))
	}
	text, err := link.Encode(documents...)
	if err != nil {
		return err
	}
	_, err = a.Out.Write(text)
	return err
}

func (a *app) exportAKS() *cobra.Command {
	var files []string
	cmd := &cobra.Command{
		Use:   "aks -f SPEC.yaml",
		Short: "Turn an EndpointService into annotations of a Kubernetes Service",
		Long: `Turn an EndpointService on Azure into the annotations by which the cloud controller of a cluster makes the same
private link service, and print them as a patch. What no annotation can say is refused. linkwright import aks --adopt
then gives the EndpointService that lets connections in and turns them away, and changes nothing else.`,
		Example: `  linkwright export aks -f orders.yaml > patch.yaml
  kubectl patch service -n orders api --patch-file patch.yaml`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			docs, err := a.load(files)
			if err != nil {
				return err
			}
			var services []*link.EndpointService
			for _, d := range docs {
				if d.Service != nil {
					services = append(services, d.Service)
				}
			}
			if len(services) != 1 {
				return fmt.Errorf("there are %d EndpointServices in %s; a patch is for one", len(services), link.Few(files, 1))
			}
			annotations, err := aks.Export(services[0].Spec.WithDefaults())
			if err != nil {
				return fmt.Errorf("service %s: %w", services[0].Metadata.Name, err)
			}
			text, err := aks.Patch(annotations)
			if err != nil {
				return err
			}
			_, err = a.Out.Write(text)
			return err
		},
	}
	filesFlag(cmd, &files)
	return cmd
}
