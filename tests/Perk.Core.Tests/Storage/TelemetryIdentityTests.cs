using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Storage;

/// <summary>Who sends telemetry, by the variable that the Functions host reads too.</summary>
public sealed class TelemetryIdentityTests
{
    [Theory]
    [InlineData("Authorization=AAD")]
    [InlineData("Authorization=AAD;ClientId=11111111-1111-1111-1111-111111111111")]
    [InlineData("ClientId=11111111-1111-1111-1111-111111111111; authorization=aad;")]
    public void From_DocumentedForm_IsAManagedIdentity(string text) => Assert.IsType<ManagedIdentityCredential>(Read(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void From_Nothing_IsNone(string? text) => Assert.Null(Read(text));

    [Theory]
    [InlineData("AAD")]
    [InlineData("ClientId=11111111-1111-1111-1111-111111111111")]
    [InlineData("Authorization=Key;ClientId=x")]
    [InlineData("Authorization=AAD;Secret=x")]
    [InlineData("Authorization=AAD;ClientId=")]
    public void From_AnythingElse_NamesTheVariableAndWhatIsRight(string text)
    {
        var thrown = Assert.Throws<SettingsException>(() => Read(text));
        Assert.Contains(TelemetryIdentity.Variable, thrown.Message);
        Assert.Contains("Authorization=AAD", thrown.Message);
    }

    private static Azure.Core.TokenCredential? Read(string? text) =>
        TelemetryIdentity.From(new ConfigurationBuilder().AddInMemoryCollection([new(TelemetryIdentity.Variable, text)]).Build());
}
