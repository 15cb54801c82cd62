namespace Perk.Core.Settings;

/// <summary>Who may use the HTTP surface, beside function keys.</summary>
public sealed record HttpSettings
{
    /// <summary>The setting of <see cref="Tenant"/>.</summary>
    public const string TenantKey = "Perk__Http__Tenant";

    /// <summary>The setting of <see cref="Audience"/>.</summary>
    public const string AudienceKey = "Perk__Http__Audience";

    /// <summary>The Entra tenant whose tokens are accepted; null where no token is asked for.</summary>
    public string? Tenant { get; init; }

    /// <summary>Whom the tokens are for: the application id (URI) of this app's registration.</summary>
    public string? Audience { get; init; }

    /// <summary>The role or scope that a token must have; null where any token of the tenant for the audience will do.</summary>
    public string? Role { get; init; }

    /// <summary>Whether requests need a token.</summary>
    public bool RequiresToken => Tenant is not null;

    internal static HttpSettings Read(SettingsReader read)
    {
        var (tenant, audience) = (read.Text(TenantKey), read.Text(AudienceKey));
        if ((tenant is null) != (audience is null)) read.Fault(tenant is null ? TenantKey : AudienceKey, "is missing; tokens of Entra are checked for both tenant and audience.");
        if (tenant is not null && !Guid.TryParseExact(tenant, "D", out _)) read.Fault(TenantKey, "is not a tenant's id, such as 72f988bf-86f1-41af-91ab-2d7cd011db47.");
        var role = read.Text("Perk__Http__Role");
        if (role is not null && tenant is null) read.Fault("Perk__Http__Role", $"needs {TenantKey} and {AudienceKey}; without tokens there are no roles.");
        return new HttpSettings { Tenant = tenant?.ToLowerInvariant(), Audience = audience, Role = role };
    }

    /// <summary>Refuses settings under which anybody would be let in.</summary>
    /// <param name="keys">Whether the host asks for function keys.</param>
    /// <exception cref="SettingsException">Neither keys nor tokens are asked for.</exception>
    public void RequireAccess(bool keys)
    {
        if (!keys && !RequiresToken)
            throw new SettingsException([$"{TenantKey} is missing, as is {AudienceKey}: this build (PerkHttpAccess=entra) has no function keys, and would let in anybody."]);
    }
}
