// Package twilio is everything that Ringdown says to Twilio and hears from it: it
// verifies and decodes webhooks and calls the REST API. It is the only package
// that imports twilio-go, and of that only client and rest/api/v2010; the root
// package would link every product of Twilio.
//
// What matters most about a REST call that failed is whether it may have been
// done all the same; every error is an *Error that says so.
package twilio
