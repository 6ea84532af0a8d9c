package store

import (
	"context"
	"fmt"
)

// Action is what was done, in a few words. Package views has a sentence for each.
type Action string

// Everything that the audit log records.
const (
	ActSignedIn     Action = "signed in"
	ActSignInFailed Action = "sign-in failed"
	ActSignedOut    Action = "signed out"
	ActCodeAsked    Action = "sign-in code asked for"

	ActCustomerAdded     Action = "customer added"
	ActCustomerCorrected Action = "customer corrected"
	ActCustomersImported Action = "customers imported"
	ActBalancesSeen      Action = "balances seen"
	ActOwnBalancesSeen   Action = "own balances seen"
	ActSeenAsCustomer    Action = "own pages seen"
	ActListSeen          Action = "list seen"
	ActPayloadSeen       Action = "payload seen"
	ActFundsSeen         Action = "funds checks seen"
	ActReviewSeen        Action = "doubtful link seen"
	ActNumberShown       Action = "account number shown"
	ActLinkMade          Action = "personal link made"
	ActLinksTaken        Action = "personal links taken out"
	ActLinkSent          Action = "personal link sent"
	ActLinkAsked         Action = "new personal link asked for"
	ActContacted         Action = "customer contacted"
	ActPutOff            Action = "customer put off"
	ActTakenBack         Action = "customer taken back"
	ActContactUndone     Action = "contact taken back"
	ActLinkRevoked       Action = "personal link revoked"
	ActLinkRestored      Action = "personal link restored"
	ActCodeWrong         Action = "wrong code for a personal link"
	ActLinkLocked        Action = "personal link locked"
	ActConsentGiven      Action = "consent given"
	ActWindowOpened      Action = "bank window opened"
	ActBankLinked        Action = "bank linked"
	ActLinkDoubted       Action = "link put up for review"
	ActLinkFailed        Action = "link failed"
	ActLinkApproved      Action = "doubtful link approved"
	ActLinkRefused       Action = "doubtful link refused"
	ActLinkReopened      Action = "refusal taken back"
	ActAccountUnlinked   Action = "account unlinked"

	ActHistoryJoined Action = "history joined"
	ActHistoryParted Action = "history parted"

	ActConsentWithdrawn Action = "consent withdrawn"
	ActHistoryExported  Action = "history exported"
	ActListExported     Action = "customer list exported"
	ActDataExported     Action = "data exported"
	ActCustomerErased   Action = "customer erased"
	ActRemovalEnded     Action = "removal at the provider ended"

	ActRefreshStarted Action = "refresh started"
	ActCheckStarted   Action = "check started"
	ActFundsAsked     Action = "funds check asked"
	ActFundsAnswered  Action = "funds check answered"
	ActFundsCancelled Action = "funds check cancelled"
	ActFundsNoted     Action = "funds check noted"
	ActFundsDecided   Action = "funds check decided"

	ActThresholdSet     Action = "threshold set"
	ActThresholdCleared Action = "threshold cleared"
	ActThresholdCopied  Action = "threshold taken over"
	ActFellBelow        Action = "fell below its threshold"
	ActRoseAbove        Action = "rose above its threshold"

	ActWebhookApplied  Action = "webhook applied"
	ActWebhooksApplied Action = "webhooks applied"
	ActWebhookReplayed Action = "webhook replayed"
	ActProviderTried   Action = "provider tried again"
	ActRecordMatched   Action = "record matched"
	ActTestSent        Action = "test webhook sent"
	ActPayloadsDropped Action = "unclaimed payloads dropped"
	ActPurged          Action = "old data removed"
	ActTrustLost       Action = "trust in the provider lost"
	ActTrustRegained   Action = "trust in the provider regained"

	ActStaffAdded          Action = "staff added"
	ActStaffNamed          Action = "staff named"
	ActStaffDisabled       Action = "staff disabled"
	ActStaffEnabled        Action = "staff enabled"
	ActRoleSet             Action = "role set"
	ActPasswordSet         Action = "password set"
	ActPasswordRemoved     Action = "password removed"
	ActPasswordLinkMade    Action = "password link made"
	ActSecondFactorSet     Action = "second factor set"
	ActSecondFactorRemoved Action = "second factor removed"
	ActSessionsEnded       Action = "sessions ended"
	ActIdentityConfirmed   Action = "identity confirmed"

	ActKeyMade    Action = "API key made"
	ActKeyRevoked Action = "API key revoked"

	ActEndpointMade     Action = "webhook endpoint made"
	ActEndpointChanged  Action = "webhook endpoint changed"
	ActEndpointEnabled  Action = "webhook endpoint enabled"
	ActEndpointDisabled Action = "webhook endpoint disabled"
	ActEndpointRemoved  Action = "webhook endpoint removed"
	ActEndpointTested   Action = "webhook endpoint tested"
	ActSecretChanged    Action = "webhook secret changed"
	ActEventsResent     Action = "events sent again"

	ActMailsChosen Action = "e-mail chosen"
	ActMailTested  Action = "test e-mail sent"

	ActAuditExported   Action = "audit log exported"
	ActAuditChecked    Action = "audit log checked"
	ActSettingsChanged Action = "settings changed"
	ActBackedUp        Action = "database copied"
	ActRestored        Action = "database restored"
	ActAuditRestarted  Action = "audit log begun anew"
	ActDataKeyUsed     Action = "data key taken into use"
	ActDataKeyRetired  Action = "data key no longer needed"
)

// Actions are all of them, in the order of a list to choose from.
func Actions() []Action {
	return []Action{
		ActSignedIn, ActSignInFailed, ActSignedOut,
		ActCustomerAdded, ActCustomerCorrected, ActCustomersImported, ActContacted, ActContactUndone, ActPutOff,
		ActTakenBack,
		ActBalancesSeen, ActOwnBalancesSeen, ActSeenAsCustomer, ActListSeen, ActPayloadSeen, ActFundsSeen,
		ActReviewSeen, ActNumberShown, ActLinkMade, ActLinksTaken, ActLinkSent, ActLinkAsked, ActLinkRevoked,
		ActLinkRestored, ActCodeWrong,
		ActLinkLocked, ActConsentGiven, ActWindowOpened, ActBankLinked, ActLinkDoubted, ActLinkFailed,
		ActLinkApproved, ActLinkRefused, ActLinkReopened,
		ActAccountUnlinked, ActHistoryJoined, ActHistoryParted,
		ActConsentWithdrawn, ActHistoryExported, ActListExported, ActDataExported, ActCustomerErased, ActRemovalEnded,
		ActRefreshStarted, ActCheckStarted, ActFundsAsked, ActFundsAnswered, ActFundsCancelled, ActFundsNoted,
		ActFundsDecided,
		ActThresholdSet, ActThresholdCleared, ActThresholdCopied, ActFellBelow, ActRoseAbove,
		ActWebhookApplied, ActWebhooksApplied, ActWebhookReplayed, ActProviderTried, ActRecordMatched, ActTestSent,
		ActPayloadsDropped,
		ActPurged,
		ActTrustLost, ActTrustRegained,
		ActStaffAdded, ActStaffNamed, ActStaffDisabled, ActStaffEnabled, ActRoleSet, ActPasswordSet, ActPasswordRemoved,
		ActPasswordLinkMade,
		ActSecondFactorSet, ActSecondFactorRemoved, ActSessionsEnded, ActIdentityConfirmed,
		ActKeyMade, ActKeyRevoked,
		ActEndpointMade, ActEndpointChanged, ActEndpointEnabled, ActEndpointDisabled, ActEndpointRemoved,
		ActEndpointTested, ActSecretChanged, ActEventsResent, ActMailsChosen, ActMailTested,
		ActAuditExported, ActAuditChecked, ActAuditRestarted, ActSettingsChanged, ActBackedUp, ActRestored,
		ActDataKeyUsed, ActDataKeyRetired,
	}
}

// auditApplied records webhooks that a transaction applied. One alone is
// named. Of several the number is enough, for each event's own row says what it
// did: a flood of webhooks does not bury the log.
func (tx *tx) auditApplied(ctx context.Context, applied []Outcome) error {
	switch n := len(applied); n {
	case 0:
		return nil
	case 1:
		e := applied[0]
		return tx.audit(
			ctx, Act{Actor: Provider, Action: ActWebhookApplied, Customer: e.CustomerID, Subject: e.EventID},
		)
	default:
		return tx.audit(ctx, Act{
			Actor: Provider, Action: ActWebhooksApplied, Subject: applied[0].EventID,
			Detail: fmt.Sprintf("%d webhooks, this one first", n),
		})
	}
}
