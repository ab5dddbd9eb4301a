// Package aks turns what the annotations of a Kubernetes Service say of a private link service into a spec, and a spec
// into annotations. They are those that the cloud controller of AKS and of other clusters on Azure heeds (Cloud Provider
// Azure, "Azure Private Link Service Integration").
package aks
