"""The operations of IAM and of STS, each by its name; what is not here is not supported."""

from __future__ import annotations

from functools import partial

from hansa.iam.stored_policies import StoredPolicies
from hansa.operations.assume_role import RoleSessions
from hansa.operations.iam_context import IamContext
from hansa.operations.iam_keys import AccessKeys
from hansa.operations.iam_managed import ManagedPolicies
from hansa.operations.iam_policies import Attachments, InlinePolicies
from hansa.operations.iam_principals import Principals
from hansa.operations.iam_simulate import Simulation
from hansa.operations.sts import SecurityTokens


class Iam:
    """Which noun answers which operation of IAM."""

    def __init__(self, context: IamContext, policies: StoredPolicies) -> None:
        self._add_principals(Principals(context))
        self._add_inline(InlinePolicies(context))
        self._add_attachments(Attachments(context))
        self._add_managed(ManagedPolicies(context))
        keys = AccessKeys(context)
        self.create_access_key = keys.create
        self.delete_access_key = keys.delete
        self.get_access_key_last_used = keys.last_used
        self.list_access_keys = keys.list
        self.update_access_key = keys.update
        simulation = Simulation(context, policies)
        self.get_context_keys_for_custom_policy = simulation.keys_for_custom
        self.get_context_keys_for_principal_policy = simulation.keys_for_principal
        self.simulate_custom_policy = simulation.simulate_custom
        self.simulate_principal_policy = simulation.simulate_principal

    def _add_principals(self, principals: Principals) -> None:
        self.create_user = partial(principals.create, "user")
        self.get_user = partial(principals.get, "user")
        self.list_users = partial(principals.list, "user")
        self.delete_user = partial(principals.delete, "user")
        self.tag_user = partial(principals.tag, "user")
        self.untag_user = partial(principals.untag, "user")
        self.list_user_tags = partial(principals.list_tags, "user")
        self.put_user_permissions_boundary = partial(principals.put_boundary, "user")
        self.delete_user_permissions_boundary = partial(principals.delete_boundary, "user")
        self.create_group = partial(principals.create, "group")
        self.get_group = principals.get_group
        self.list_groups = partial(principals.list, "group")
        self.delete_group = partial(principals.delete, "group")
        self.add_user_to_group = principals.add_to_group
        self.remove_user_from_group = principals.remove_from_group
        self.list_groups_for_user = principals.list_groups_for_user
        self.create_role = partial(principals.create, "role")
        self.get_role = partial(principals.get, "role")
        self.list_roles = partial(principals.list, "role")
        self.delete_role = partial(principals.delete, "role")
        self.update_role = principals.update_role
        self.update_assume_role_policy = principals.update_trust
        self.tag_role = partial(principals.tag, "role")
        self.untag_role = partial(principals.untag, "role")
        self.list_role_tags = partial(principals.list_tags, "role")
        self.put_role_permissions_boundary = partial(principals.put_boundary, "role")
        self.delete_role_permissions_boundary = partial(principals.delete_boundary, "role")

    def _add_inline(self, inline: InlinePolicies) -> None:
        self.put_user_policy = partial(inline.put, "user")
        self.get_user_policy = partial(inline.get, "user")
        self.list_user_policies = partial(inline.list, "user")
        self.delete_user_policy = partial(inline.delete, "user")
        self.put_group_policy = partial(inline.put, "group")
        self.get_group_policy = partial(inline.get, "group")
        self.list_group_policies = partial(inline.list, "group")
        self.delete_group_policy = partial(inline.delete, "group")
        self.put_role_policy = partial(inline.put, "role")
        self.get_role_policy = partial(inline.get, "role")
        self.list_role_policies = partial(inline.list, "role")
        self.delete_role_policy = partial(inline.delete, "role")

    def _add_attachments(self, attachments: Attachments) -> None:
        self.attach_user_policy = partial(attachments.attach, "user")
        self.detach_user_policy = partial(attachments.detach, "user")
        self.list_attached_user_policies = partial(attachments.list, "user")
        self.attach_group_policy = partial(attachments.attach, "group")
        self.detach_group_policy = partial(attachments.detach, "group")
        self.list_attached_group_policies = partial(attachments.list, "group")
        self.attach_role_policy = partial(attachments.attach, "role")
        self.detach_role_policy = partial(attachments.detach, "role")
        self.list_attached_role_policies = partial(attachments.list, "role")
        self.list_entities_for_policy = attachments.list_entities

    def _add_managed(self, managed: ManagedPolicies) -> None:
        self.create_policy = managed.create
        self.get_policy = managed.get
        self.list_policies = managed.list
        self.delete_policy = managed.delete
        self.tag_policy = managed.tag
        self.untag_policy = managed.untag
        self.create_policy_version = managed.create_version
        self.list_policy_versions = managed.list_versions
        self.get_policy_version = managed.get_version
        self.set_default_policy_version = managed.set_default_version
        self.delete_policy_version = managed.delete_version


class Sts:
    """Which method answers which operation of STS."""

    def __init__(self, context: IamContext, policies: StoredPolicies) -> None:
        tokens = SecurityTokens(context)
        self.assume_role = RoleSessions(context, policies).assume
        self.decode_authorization_message = tokens.decode_authorization_message
        self.get_access_key_info = tokens.get_access_key_info
        self.get_caller_identity = tokens.get_caller_identity
        self.get_session_token = tokens.get_session_token
