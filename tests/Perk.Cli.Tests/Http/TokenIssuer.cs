using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Perk.Core.Settings;

namespace Perk.Cli.Tests.Http;

/// <summary>Signs tokens as Entra does, with a key of its own.</summary>
internal sealed class TokenIssuer : IDisposable
{
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly RsaSecurityKey _key;

    public TokenIssuer() => _key = new RsaSecurityKey(_rsa) { KeyId = Guid.NewGuid().ToString() };

    public HttpSettings Settings { get; } = new() { Tenant = Guid.NewGuid().ToString(), Audience = Guid.NewGuid().ToString() };

    /// <summary>What Entra publishes at its address: there is no way there from a test.</summary>
    public void Trust(JwtBearerOptions options)
    {
        options.Configuration = new OpenIdConnectConfiguration { Issuer = Issuer(Settings.Tenant!) };
        options.Configuration.SigningKeys.Add(_key);
    }

    public string Token(string? audience = null, string? tenant = null, int expires = 60, int version = 2, Dictionary<string, object>? claims = null) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = version == 1 ? $"https://sts.windows.net/{tenant ?? Settings.Tenant}/" : Issuer(tenant ?? Settings.Tenant!),
        Claims = claims,
        Audience = audience ?? Settings.Audience,
        Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(expires),
        SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
    });

    public void Dispose() => _rsa.Dispose();

    private static string Issuer(string tenant) => $"https://login.microsoftonline.com/{tenant}/v2.0";
}
