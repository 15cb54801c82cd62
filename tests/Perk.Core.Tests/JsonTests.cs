using System.Text;
using Perk.Core.Documents;
using Perk.Core.Jobs;

namespace Perk.Core.Tests;

/// <summary>What is stored is read as it was written, or counts as damaged.</summary>
public sealed class JsonTests
{
    private const string Good = """
        { "v": 2, "job": "ask-q1", "collection": "c", "queue": "questions", "generation": 1, "status": "running", "queued": "2026-01-31T12:00:00Z", "message": "{}",
          "progress": { "step": 1, "steps": 2, "tokens": 3, "total": 4, "loss": 1.5 } }
        """;

    [Theory]
    [InlineData("", "")]
    [InlineData("\"c\"", "null")]
    [InlineData("\"running\"", "7")]
    [InlineData("\"running\"", "\"7\"")]
    [InlineData("1.5", "1e999")]
    [InlineData("\"steps\": 2,", "")]
    [InlineData("\"v\": 2,", "\"v\": 2, \"v\": 2,")]
    [InlineData("ask-q1", "\\ud800")]
    public void Read_RecordDamaged_IsNull(string good, string bad)
    {
        var json = good.Length == 0 ? Good : Good.Replace(good, bad, StringComparison.Ordinal);
        Assert.Equal(good.Length == 0, json == Good);
        var read = Json.Read<JobRecord>(Encoding.UTF8.GetBytes(json));
        if (json == Good) Assert.Equal((JobStatus.Running, 1.5), (read!.Status, read.Progress!.Loss));
        else Assert.Null(read);
    }

    [Fact]
    public void Read_WhatWasWritten_IsEqual()
    {
        var record = Json.Read<JobRecord>(Encoding.UTF8.GetBytes(Good))!;
        Assert.Equal(record, Json.Read<JobRecord>(record.ToJson()));
        var document = new DocumentSource(null, 3, null, null, null);
        Assert.Equal(document, Json.Read<DocumentSource>(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(document, Json.Indented)));
    }
}
