// Package looks has what the steps of every cloud do about what they see and do not see: when to believe that something
// is gone, and what of a look is news to the Watch. How to look is each cloud's own; see activities/<cloud>.
package looks
