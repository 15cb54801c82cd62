using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Documents;

/// <summary>Answers and batches that were damaged in the store count as none.</summary>
public sealed class StoredRecordsTests : IDisposable
{
    private const string Collection = Names.DefaultCollection;
    private readonly TemporaryFolder _folder = new();
    private readonly DirectoryStore _store;

    public StoredRecordsTests() => _store = new DirectoryStore(_folder.Path);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "", true)]
    [InlineData("documents", "null", false)]
    [InlineData("documents", "[null]", false)]
    [InlineData("documents", """[{"name":null}]""", false)]
    [InlineData("documents", """[{"name":"a","document":null,"job":"../x","fault":null}]""", false)]
    [InlineData("documents", """[{"name":"a","document":null,"job":null,"fault":"It is empty."}]""", true)]
    [InlineData("name", "\"another\"", false)]
    [InlineData("collection", "\"another\"", false)]
    public async Task FindBatch_OneFieldOtherwise_IsThereOnlyIfItCanBeUsed(string field, string value, bool found)
    {
        var batch = new Batch(1, "spring", Collection, DateTimeOffset.UnixEpoch, [new BatchDocument("a.txt", new string('a', 64), Names.EncodeJob(new string('b', 32)), null)]);
        await WriteAsync(Names.Batch(Collection, "spring"), batch, field, value);
        var read = await Batch.FindAsync(_store, Collection, "spring", Now);
        Assert.Equal(found, read is not null);
        if (read is not null) Assert.Single((await read.StatusAsync(_store, Now)).Documents);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("support", "null", false)]
    [InlineData("support", "[null]", false)]
    [InlineData("support", """[{"text":null,"offset":1,"segment":1}]""", false)]
    [InlineData("documents", "[null]", false)]
    [InlineData("documents", """[{"document":null,"adapter":"a","reason":null,"answer":null,"text":null,"support":[null],"score":null,"tokens":1,"seconds":1}]""", false)]
    [InlineData("documents", """[{"document":null,"adapter":"a","reason":null,"answer":null,"text":null,"support":[],"score":null,"tokens":1,"seconds":1}]""", true)]
    [InlineData("question", "null", false)]
    [InlineData("status", "99", false)]
    public async Task FindAnswer_OneFieldOtherwise_IsThereOnlyIfItCanBeUsed(string field, string value, bool found)
    {
        var answer = new StoredAnswer
        {
            Id = "q1", Question = "Who?", Status = JobStatus.Succeeded, Answer = "Clara", Support = [new SupportLine("Clara dropped it.", 3, 0)],
            Checkpoint = new string('c', 64), Answered = DateTimeOffset.UnixEpoch,
        };
        await WriteAsync(Names.Answer(Collection, "q1"), answer, field, value);
        Assert.Equal(found, await StoredAnswer.FindAsync(_store, Collection, "q1", Now) is not null);
    }

    private async Task WriteAsync(ObjectName name, object record, string field, string value)
    {
        var json = JsonSerializer.SerializeToNode(record, Json.Indented)!;
        if (field.Length > 0) json[field] = JsonNode.Parse(value);
        await _store.WriteAsync(name, Encoding.UTF8.GetBytes(json.ToJsonString()), Now);
    }
}
