package identity

import (
	"testing"

	"github.com/tenantra/tenantra/tables/tabletest"
)

func TestAccountPolicyData(t *testing.T)       { tabletest.Run(t, AccountPolicyData) }
func TestADConfig(t *testing.T)                { tabletest.Run(t, ADConfig) }
func TestAuthorizationMechanisms(t *testing.T) { tabletest.Run(t, AuthorizationMechanisms) }
func TestAuthorizations(t *testing.T)          { tabletest.Run(t, Authorizations) }
func TestPasswordPolicy(t *testing.T)          { tabletest.Run(t, PasswordPolicy) }
func TestScreenlock(t *testing.T)              { tabletest.Run(t, Screenlock) }
