using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Storage;

/// <summary>An account by identity, which is not to be had here: its answers are made up in the form that the service documents.</summary>
public sealed class UploadAddressTests
{
    [Fact]
    public async Task Address_WhereTheAccountIsByIdentity_IsSignedWithAUserDelegationKeyForThisBlobAlone()
    {
        var service = new DelegatingService();
        var settings = new StorageSettings { ConnectionString = null, Blobs = new Uri("https://abc.blob.core.windows.net"), Queues = new Uri("https://abc.queue.core.windows.net") };
        var account = StorageAccount.FromIdentity(settings, new AnyIdentity(), service);
        var now = DateTimeOffset.Parse("2026-11-26T08:00:00Z", null);
        var address = await new Uploads(account).AddressAsync("case-7/ü 1.txt", now + TimeSpan.FromHours(1), now, TestContext.Current.CancellationToken);
        Assert.StartsWith("https://abc.blob.core.windows.net/uploads/case-7", address.AbsoluteUri);
        var query = address.Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
        Assert.Equal(("b", "cw", "https", "2026-11-26T09:00:00Z"), (query["sr"], query["sp"], query["spr"], query["se"]));
        Assert.Equal(DelegatingService.Object, query["skoid"]); // by the key's owner, not by the account
        Assert.Equal(["PUT /uploads?restype=container", "POST /?restype=service&comp=userdelegationkey"], service.Requests);
    }

    private sealed class AnyIdentity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("token", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }

    private sealed class DelegatingService : HttpPipelinePolicy
    {
        public const string Object = "11111111-1111-1111-1111-111111111111";

        public List<string> Requests { get; } = [];

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            var uri = message.Request.Uri.ToUri();
            Requests.Add($"{message.Request.Method} {uri.PathAndQuery}");
            message.Response = new Answer(uri.Query.Contains("userdelegationkey", StringComparison.Ordinal) ? 200 : 201, $"""
                <?xml version="1.0" encoding="utf-8"?><UserDelegationKey><SignedOid>{Object}</SignedOid><SignedTid>22222222-2222-2222-2222-222222222222</SignedTid>
                <SignedStart>2026-11-26T07:55:00Z</SignedStart><SignedExpiry>2026-11-26T09:00:00Z</SignedExpiry><SignedService>b</SignedService>
                <SignedVersion>2024-11-04</SignedVersion><Value>c2VjcmV0LXNlY3JldC1zZWNyZXQ=</Value></UserDelegationKey>
                """);
        }

        public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            Process(message, pipeline);
            return default;
        }
    }

    private sealed class Answer(int status, string content) : Response
    {
        private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase)
        {
            ["ETag"] = "\"1\"", ["Last-Modified"] = "Thu, 26 Nov 2026 08:00:00 GMT", ["Content-Type"] = "application/xml", ["Content-Length"] = content.Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };

        public override int Status => status;

        public override string ReasonPhrase => "";

        public override Stream? ContentStream { get; set; } = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content));

        public override string ClientRequestId { get; set; } = "";

        public override void Dispose()
        {
        }

        protected override bool ContainsHeader(string name) => _headers.ContainsKey(name);

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => _headers.Select(h => new HttpHeader(h.Key, h.Value));

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value) => _headers.TryGetValue(name, out value);

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
        {
            var found = _headers.TryGetValue(name, out var value);
            values = found ? [value!] : null;
            return found;
        }
    }
}
